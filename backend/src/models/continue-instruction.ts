/**
 * Follows a reply that broke off, as what its reader says next. A prompt that ends with the reply itself would be
 * shorter, but what that means differs: some providers go on in mid-sentence, OpenAI's begins a new message, others
 * refuse. The text is joined as it comes and nobody trims it, so the model has to mind the space and the open block.
 */
export const CONTINUE_INSTRUCTION = `Your last message broke off before it was finished. Go on exactly where it ends, \
in mid-word if need be: your next words are put directly behind its last character. Repeat nothing of it, do not \
introduce or apologise, and do not reopen a code block, list or table that is still open. Begin with a space or a \
line break only where one is missing.`;
