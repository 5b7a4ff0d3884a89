/** Footnote labels are compared like link labels. */
export const normalised = (label: string): string => label.toLowerCase();
