/** A server with LangSmith's API, which receives prompts and replies. */
export interface LangSmithConfig {
  readonly apiKey: string;
  readonly url: string;
  readonly project: string;
}

/** The variables of LangSmith, without empty ones. They have no effect unless `LANGCHAIN_TRACING` is `on`. */
export interface LangSmithSettings {
  readonly LANGCHAIN_TRACING: 'on' | 'off';
  readonly LANGSMITH_API_KEY?: string | undefined;
  readonly LANGSMITH_ENDPOINT?: string | undefined;
  readonly LANGSMITH_PROJECT?: string | undefined;
}

/** Without a key LangSmith would refuse every call, and only its own log would say so. */
export function langSmithProblems({ LANGCHAIN_TRACING, LANGSMITH_API_KEY }: LangSmithSettings): string[] {
  if (LANGCHAIN_TRACING === 'off' || LANGSMITH_API_KEY !== undefined) return [];
  return ['LANGSMITH_API_KEY: is missing beside LANGCHAIN_TRACING=on'];
}

export function readLangSmith(settings: LangSmithSettings): LangSmithConfig | undefined {
  const { LANGCHAIN_TRACING, LANGSMITH_API_KEY: apiKey, LANGSMITH_ENDPOINT, LANGSMITH_PROJECT } = settings;
  if (LANGCHAIN_TRACING === 'off' || apiKey === undefined) return undefined;
  return {
    apiKey,
    url: LANGSMITH_ENDPOINT ?? 'https://api.smith.langchain.com',
    project: LANGSMITH_PROJECT ?? 'lockstep',
  };
}
