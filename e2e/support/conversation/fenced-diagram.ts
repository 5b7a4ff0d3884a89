/** A reply with a Mermaid diagram between two sentences. */
export const fencedDiagram = (diagram: string): string =>
  `Like this:\n\n\`\`\`mermaid\n${diagram}\n\`\`\`\n\nThat was it.`;
