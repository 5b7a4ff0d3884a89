/** The address of OpenAI's own API. */
export const OPENAI_URL = 'https://api.openai.com/v1';
