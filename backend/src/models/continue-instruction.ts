/**
 * The user message after a reply that broke off. A prompt that ends with the reply itself would be shorter, but
 * providers treat it differently: some continue in mid-sentence, OpenAI starts a new message, others refuse. The new
 * text is appended without any change, so the model itself has to take care of spaces and open blocks.
 */
export const CONTINUE_INSTRUCTION = `Your last message broke off before it was finished. Go on exactly where it ends, \
in mid-word if need be: your next words are put directly behind its last character. Repeat nothing of it, do not \
introduce or apologise, and do not reopen a code block, list or table that is still open. Begin with a space or a \
line break only where one is missing.`;
