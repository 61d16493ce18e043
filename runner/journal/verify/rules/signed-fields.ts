/** The words for a field of a signed statement that is not as the record says. */
const others = new Map([
  ['v', 'another version of the format'],
  ['purpose', 'another purpose'],
  ['run', 'another run'],
  ['step', 'another step'],
  ['topic', 'another question'],
  ['decision', 'another decision'],
  ['reason', 'another reason'],
  ['answers', 'other answers'],
  ['by', 'another person'],
  ['requestedBy', 'another requester'],
  ['planSha256', 'another plan'],
  ['inputsSha256', 'other inputs'],
  ['shownSha256', 'another shown text'],
])

/** The thing that a signature was made for instead, such as `another requester` for `requestedBy`. */
export function otherField(name: string): string {
  return others.get(name) ?? `another \`${name}\``
}
