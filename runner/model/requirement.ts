/** The form of a requirement's id: capitals and digits, in parts. */
export const requirementForm = /^(?=.*\d)[A-Z][A-Z0-9]*(?:[-.][A-Z0-9]+)*$/

/** The sentence for an id of another form. */
export function formProblem(id: string): string {
  return `Unexpected reference \`${id}\`, expected the id of a requirement such as \`FR-12\` or \`NFR-3\``
}
