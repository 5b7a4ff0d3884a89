import type { Component } from 'svelte';
import { Virtualizer, type VirtualizerHandle, type VirtualizerProps } from 'virtua/svelte';
import type { BranchMessage } from '#protocol';

/**
 * Draws of many messages those that are in view. Virtua ships its components as sources, which the type checker of this
 * page leaves alone: here they get the types that come with them.
 */
export const MessageList = Virtualizer as unknown as Component<VirtualizerProps<BranchMessage>, VirtualizerHandle>;
export type { VirtualizerHandle as MessageListHandle };
