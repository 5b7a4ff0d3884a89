/** How a request for a title begins, so that servers standing in for a model can tell it from a question. */
export const TITLE_INSTRUCTION = 'You give conversations their titles.';
