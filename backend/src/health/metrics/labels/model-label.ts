/**
 * Returns a function that turns the id of a model into the value of the label `model`. The id of a model that is not
 * offered any more becomes `other`, so that the number of values is limited by the configuration.
 */
export function modelLabel(offered: readonly string[]): (model: string) => string {
  const known = new Set(offered);
  return (model) => (known.has(model) ? model : 'other');
}
