// The page is served as static files and drawn in the browser alone.
export const ssr = false;
