/** How a request for a title begins, so that local models and those of tests can tell it from a question. */
export const TITLE_INSTRUCTION = 'You give conversations their titles.';
