import Archive from '@lucide/svelte/icons/archive';
import ArrowUpToLine from '@lucide/svelte/icons/arrow-up-to-line';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Languages from '@lucide/svelte/icons/languages';
import LogOut from '@lucide/svelte/icons/log-out';
import Monitor from '@lucide/svelte/icons/monitor';
import Moon from '@lucide/svelte/icons/moon';
import PanelLeft from '@lucide/svelte/icons/panel-left';
import Pencil from '@lucide/svelte/icons/pencil';
import Printer from '@lucide/svelte/icons/printer';
import Search from '@lucide/svelte/icons/search';
import Shield from '@lucide/svelte/icons/shield';
import SquarePen from '@lucide/svelte/icons/square-pen';
import Sun from '@lucide/svelte/icons/sun';
import User from '@lucide/svelte/icons/user';
import type { Component } from 'svelte';
import { goto } from '$app/navigation';
import { language } from '#lib/language/language.svelte.ts';
import { LANGUAGE_CODES, LANGUAGES } from '#lib/language/languages.ts';
import { localeInView, m } from '#lib/language/messages.svelte.ts';
import { preferences, session } from '#lib/client.ts';
import { theme, type ThemeChoice } from '#lib/theme.svelte.ts';
import { keyLabel } from '#lib/ui/dialogs/keys.ts';
import type { Shell } from '#lib/ui/frame/shell.svelte.ts';
import { orToast } from '../shell/failure-toast.ts';
import { matchesWords } from './fold-text.ts';

interface PaletteCommand {
  readonly label: string;
  /** Other words that find the command, in the current language and in English. */
  readonly words: string;
  readonly icon: Component<{ size?: number; class?: string }>;
  readonly keys?: string;
  /** Found only by its words; left out of the list without a query. */
  readonly isQuiet?: boolean;
  readonly run: () => void;
}

/** The commands that match `query`; without a query, all that are not quiet. */
export function paletteCommands(query: string, shell: Shell): readonly PaletteCommand[] {
  return allCommands(shell).filter(({ label, words, isQuiet }) =>
    query === '' ? !isQuiet : matchesWords(query, `${label} ${words}`),
  );
}

const allCommands = (shell: Shell): readonly PaletteCommand[] => [
  {
    label: m.action_new_chat(),
    words: m.palette_words_new(),
    icon: SquarePen,
    keys: keyLabel('O', { shift: true }),
    run: () => void goto('/chat'),
  },
  ...ofConversation(shell),
  {
    label: m.palette_toggle_dark(),
    words: m.palette_words_theme(),
    icon: theme.isDark ? Sun : Moon,
    run: () => chooseTheme(theme.isDark ? 'light' : 'dark'),
  },
  {
    label: m.palette_theme_system(),
    words: m.palette_words_theme(),
    icon: Monitor,
    isQuiet: true,
    run: () => chooseTheme('system'),
  },
  {
    label: m.palette_open_archive(),
    words: m.palette_words_archive(),
    icon: Archive,
    run: () => void goto('/archive'),
  },
  {
    label: m.palette_open_profile(),
    words: m.palette_words_profile(),
    icon: User,
    run: () => void goto('/profile'),
  },
  ...(session.isAdmin
    ? [
        {
          label: m.account_administration(),
          words: m.palette_words_admin(),
          icon: Shield,
          run: () => void goto('/admin'),
        },
      ]
    : []),
  ...LANGUAGE_CODES.map((code) => ({
    label: `${m.language_label()}: ${LANGUAGES[code].name}`,
    words: `${m.palette_words_language()} ${code} ${namesOf(code)}`,
    icon: Languages,
    isQuiet: true,
    run: () => {
      language.set(code);
      void preferences.choose({ language: code });
    },
  })),
  {
    label: m.keys_sidebar(),
    words: m.palette_words_sidebar(),
    icon: PanelLeft,
    keys: keyLabel('B'),
    isQuiet: true,
    run: () => shell.toggleSidebar(),
  },
  {
    label: m.palette_show_keys(),
    words: m.palette_words_keys(),
    icon: Keyboard,
    keys: '?',
    run: () => (shell.areKeysShown = true),
  },
  {
    label: m.action_sign_out(),
    words: m.palette_words_sign_out(),
    icon: LogOut,
    isQuiet: true,
    run: () => void orToast(session.signOut()),
  },
];

/** The name of a language in the current language and in English. */
const namesOf = (code: string): string =>
  [localeInView(), 'en'].map((locale) => new Intl.DisplayNames(locale, { type: 'language' }).of(code) ?? '').join(' ');

/** Commands for the open conversation. */
function ofConversation({ conversation }: Shell): readonly PaletteCommand[] {
  if (!conversation) return [];
  const { find, toFirst, print, rename } = conversation;
  return [
    { label: m.find_open(), words: m.palette_words_find(), icon: Search, run: find },
    { label: m.thread_to_first(), words: m.palette_words_first(), icon: ArrowUpToLine, isQuiet: true, run: toFirst },
    { label: m.palette_rename(), words: m.palette_words_rename(), icon: Pencil, isQuiet: true, run: rename },
    { label: m.palette_print(), words: m.palette_words_print(), icon: Printer, isQuiet: true, run: print },
  ];
}

function chooseTheme(choice: ThemeChoice): void {
  theme.set(choice);
  void preferences.choose({ theme: choice });
}
