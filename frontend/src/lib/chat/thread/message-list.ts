import type { Component } from 'svelte';
import { Virtualizer, type VirtualizerHandle, type VirtualizerProps } from 'virtua/svelte';
import type { BranchMessage } from '#protocol';

/**
 * Draws only the messages in view. Virtua ships its components as sources, which the type checker of this page skips:
 * they get the types that come with the package here.
 */
export const MessageList = Virtualizer as unknown as Component<VirtualizerProps<BranchMessage>, VirtualizerHandle>;
export type { VirtualizerHandle as MessageListHandle };
