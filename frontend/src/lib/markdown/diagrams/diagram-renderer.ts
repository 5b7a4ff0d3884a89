import mermaid, { type MermaidConfig } from 'mermaid';
import { type Picture, pictureOf } from './diagram-picture.ts';
import { withoutHandlers } from './diagram-source.ts';
import { diagramTheme } from './diagram-theme.ts';

/** Longer diagrams would block the page for seconds, and would be unreadable. */
const MAX_LENGTH = 20_000;
/** Enough for a few screens of conversation, so that scrolling back shows them at once. */
const MAX_KEPT = 40;

const kept = new Map<string, Picture>();
let drawn = 0;

const SETTINGS: MermaidConfig = {
  startOnLoad: false,
  securityLevel: 'strict',
  // SVG labels: HTML labels would need `foreignObject`.
  htmlLabels: false,
  suppressErrorRendering: true,
  logLevel: 'fatal',
  // Settings that a diagram may not override.
  secure: [
    'secure',
    'securityLevel',
    'startOnLoad',
    'maxTextSize',
    'maxEdges',
    'suppressErrorRendering',
    'htmlLabels',
    'logLevel',
    'theme',
    'themeCSS',
    'themeVariables',
    'fontFamily',
    'altFontFamily',
    'darkMode',
    'dompurifyConfig',
  ],
};

/** The image of this diagram, if it is cached. */
export function keptPicture(code: string, isDark: boolean): Picture | undefined {
  return kept.get(keyOf(code, isDark));
}

/**
 * Draws a diagram in the current colours of the page.
 * @throws if mermaid cannot parse the text.
 */
export async function drawDiagram(code: string, isDark: boolean): Promise<Picture> {
  if (code.length > MAX_LENGTH) throw new Error('The diagram is too long.');
  mermaid.initialize({ ...SETTINGS, ...diagramTheme(isDark) });
  drawn += 1;
  const { svg } = await mermaid.render(`diagram-${drawn}`, withoutHandlers(code));
  const picture = pictureOf(svg);
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(keyOf(code, isDark), picture);
  return picture;
}

const keyOf = (code: string, isDark: boolean): string => `${isDark ? 'dark' : 'light'} ${code}`;
