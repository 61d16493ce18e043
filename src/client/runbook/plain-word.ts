/** Text that a POSIX shell reads as it is: nothing in it means anything. */
export const plain = /^[\w@%+=:,./-]+$/

/** The input that is named, as `$name`, `${name}` or `${{ inputs.name }}`. */
export function nameIn(text: string): string {
  return /\w+(?=\W*$)/.exec(text)?.[0] ?? ''
}
