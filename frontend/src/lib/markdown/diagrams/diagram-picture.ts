/** A drawing as an image: nothing in it can run, load or reach the page. */
export interface Picture {
  /** A `data:` URL of an SVG. */
  readonly address: string;
  readonly width: number;
  readonly height: number;
  /** The title that the diagram sets (`accTitle`), or an empty text. */
  readonly title: string;
}

/** Space around the drawing for thick lines, which exceed their geometry. */
const PADDING = 8;

const FORBIDDEN = 'script, foreignObject, image, iframe, object, embed, video, audio, a[href]:not([href^="#"])';

/**
 * Turns an SVG that was drawn from untrusted text into an image for `<img>`. Browsers isolate images; everything that
 * could run or load is removed all the same, so that a saved image is harmless too.
 * @throws Error if `svg` contains no drawing.
 */
export function pictureOf(svg: string): Picture {
  // Parsed as HTML: the drawing library does not always write well-formed XML.
  const root = new DOMParser().parseFromString(svg, 'text/html').querySelector('svg');
  if (!root) throw new Error('There is no drawing.');
  for (const element of root.querySelectorAll(FORBIDDEN)) {
    if (element.localName === 'a') element.replaceWith(...element.childNodes);
    else element.remove();
  }
  for (const element of root.querySelectorAll('*')) removeActions(element);
  root.removeAttribute('style');
  const { x, y, width, height } = measure(root);
  if (!(width > 0 && height > 0)) throw new Error('The drawing has no size.');
  root.setAttribute('viewBox', [x, y, width, height].join(' '));
  root.setAttribute('width', String(width));
  root.setAttribute('height', String(height));
  const markup = new XMLSerializer().serializeToString(root);
  return {
    address: `data:image/svg+xml,${encodeURIComponent(markup)}`,
    width: Math.ceil(width),
    height: Math.ceil(height),
    title: root.querySelector(':scope > title')?.textContent.trim() ?? '',
  };
}

/** The real bounds of the drawing: the library measures before layout is complete, and crops some drawings. */
function measure(drawing: SVGSVGElement): Pick<DOMRect, 'x' | 'y' | 'width' | 'height'> {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const stage = document.createElement('div');
  stage.style.cssText = 'position: absolute; visibility: hidden; pointer-events: none';
  stage.append(document.adoptNode(copy));
  document.body.append(stage);
  const { x, y, width, height } = copy.getBBox();
  stage.remove();
  return { x: x - PADDING, y: y - PADDING, width: width + 2 * PADDING, height: height + 2 * PADDING };
}

function removeActions(element: Element): void {
  for (const name of element.getAttributeNames()) {
    const leadsAway = /(?:^|:)href$/i.test(name) && !element.getAttribute(name)?.startsWith('#');
    if (/^on/i.test(name) || leadsAway) element.removeAttribute(name);
  }
}
