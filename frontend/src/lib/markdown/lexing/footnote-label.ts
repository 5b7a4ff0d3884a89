/** Labels of footnotes are compared as those of links are. */
export const normalised = (label: string): string => label.toLowerCase();
