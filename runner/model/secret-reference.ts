export const referenceScheme = 'secret://'

/** Whether a value of a secret input says where the value is, such as `secret://db/credentials`. */
export function isReference(value: string): boolean {
  return value.startsWith(referenceScheme)
}
