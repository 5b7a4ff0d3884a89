import type { MermaidConfig } from 'mermaid';

/** The page's web fonts are not available inside an image: labels are measured and drawn with system fonts. */
const FONT = 'ui-sans-serif, system-ui, sans-serif';

/** The size of mermaid's colour scale: parts of a pie, branches of a mind map or of a git graph. */
const SCALE = Array.from({ length: 12 }, (_, index) => index);

/** The page's colours as mermaid's theme variables; read from the theme that is active. */
export function diagramTheme(isDark: boolean): MermaidConfig {
  const color = colorReader();
  const [text, line, border, accent] = [color('--text'), color('--text-3'), color('--line-strong'), color('--accent')];
  const [node, raised, surface] = [color('--accent-soft'), color('--raised'), color('--surface')];
  // Neighbours in the scale differ much in hue; text is readable on all of them.
  const scale = SCALE.map((index) =>
    color(`oklch(${isDark ? '0.4 0.085' : '0.88 0.06'} ${(264 + index * 135) % 360})`),
  );
  return {
    theme: 'base',
    look: 'classic',
    fontFamily: FONT,
    // Mermaid assumes HTML labels: in SVG labels the names of sections would have the colour of their background.
    themeCSS: `text.journey-section, text.task { fill: ${text} }`,
    // Otherwise as wide as the window.
    gantt: { useWidth: 700 },
    themeVariables: {
      darkMode: isDark,
      fontFamily: FONT,
      fontSize: '14px',
      useGradient: false,
      dropShadow: 'none',
      background: color('--bg'),
      textColor: text,
      titleColor: text,
      lineColor: line,
      arrowheadColor: line,
      primaryColor: node,
      primaryTextColor: text,
      primaryBorderColor: accent,
      secondaryColor: raised,
      secondaryTextColor: text,
      secondaryBorderColor: border,
      tertiaryColor: surface,
      tertiaryTextColor: text,
      tertiaryBorderColor: border,
      rowOdd: raised,
      rowEven: surface,
      stateLabelColor: text,
      actorBorder: border,
      actorLineColor: line,
      activationBorderColor: border,
      altSectionBkgColor: raised,
      gridColor: border,
      doneTaskBkgColor: raised,
      doneTaskBorderColor: border,
      activeTaskBkgColor: node,
      activeTaskBorderColor: accent,
      critBkgColor: color('--danger-soft'),
      critBorderColor: color('--danger'),
      todayLineColor: color('--danger'),
      taskTextClickableColor: text,
      clusterBkg: surface,
      clusterBorder: border,
      edgeLabelBackground: color('--code-bg'),
      noteBkgColor: color('--warn-soft'),
      noteTextColor: text,
      noteBorderColor: border,
      errorBkgColor: color('--danger-soft'),
      errorTextColor: text,
      pieStrokeColor: border,
      pieOuterStrokeColor: border,
      pieOpacity: '1',
      tagLabelColor: text,
      commitLabelColor: text,
      commitLabelBackground: raised,
      xyChart: { plotColorPalette: [accent, ...scale.slice(1)].join(', ') },
      ...Object.fromEntries(
        SCALE.flatMap((index) => [
          [`pie${index + 1}`, scale[index]],
          [`git${index}`, scale[index]],
          [`gitBranchLabel${index}`, text],
        ]),
      ),
      ...scaleOf(scale, text, border),
    },
  };
}

/** Mermaid's names for the colour scale of mind maps, timelines and boards. */
function scaleOf(scale: readonly string[], text: string, border: string): Record<string, string> {
  return Object.fromEntries(
    scale.flatMap((color, index) => [
      [`cScale${index}`, color],
      [`cScaleInv${index}`, border],
      [`cScalePeer${index}`, border],
      [`cScaleLabel${index}`, text],
    ]),
  );
}

/** Mermaid computes with colours but does not support OKLCH: a canvas converts. Takes a colour or a custom property. */
function colorReader(): (color: string) => string {
  const styles = getComputedStyle(document.documentElement);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('There is no canvas to read colours with.');
  return (color) => {
    context.fillStyle = color.startsWith('--') ? styles.getPropertyValue(color).trim() : color;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  };
}
