import mermaid, { type MermaidConfig } from 'mermaid';
import { type Picture, pictureOf } from './diagram-picture.ts';
import { withoutHandlers } from './diagram-source.ts';
import { diagramTheme } from './diagram-theme.ts';

/** Longer ones would hold up the page for seconds, and nobody could read them. */
const MAX_LENGTH = 20_000;
/** As many as a few screens of conversation hold: one that is scrolled back to is there at once. */
const MAX_KEPT = 40;

const kept = new Map<string, Picture>();
let drawn = 0;

const SETTINGS: MermaidConfig = {
  startOnLoad: false,
  securityLevel: 'strict',
  // Labels as SVG: HTML in them would need `foreignObject`.
  htmlLabels: false,
  suppressErrorRendering: true,
  logLevel: 'fatal',
  // A diagram may bring settings of its own: these are the page's.
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

/** The picture of this diagram, if it was drawn lately. */
export function keptPicture(code: string, isDark: boolean): Picture | undefined {
  return kept.get(keyOf(code, isDark));
}

/**
 * Draws a diagram in the colours of the page as it is now.
 * @throws where the text is no diagram that mermaid understands.
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
