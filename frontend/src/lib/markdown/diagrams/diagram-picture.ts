/** A drawing as a picture: nothing in it can run, load or reach the page. */
export interface Picture {
  /** A `data:` address of an SVG. */
  readonly address: string;
  readonly width: number;
  readonly height: number;
  /** What the author of the diagram calls it (`accTitle`), or an empty text. */
  readonly title: string;
}

/** Around the drawing, for lines that are thicker than their geometry. */
const PADDING = 8;

const FORBIDDEN = 'script, foreignObject, image, iframe, object, embed, video, audio, a[href]:not([href^="#"])';

/**
 * Turns an SVG that was drawn from an untrusted text into a picture for `<img>`. The browser isolates pictures by itself;
 * what could run or load is taken out all the same, so that saving the picture and opening it is harmless too.
 * @throws Error where `svg` holds no drawing.
 */
export function pictureOf(svg: string): Picture {
  // Parsed as HTML, since what a drawing library writes is not always right XML.
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

/** Where the drawing really is: the library measures before everything stands in its place, and cuts some of it off. */
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
