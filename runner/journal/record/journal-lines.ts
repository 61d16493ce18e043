/** The bytes of a file that is read line by line; each line keeps its newline, because that is what is hashed. */
export interface Lines {
  lines: Uint8Array[]
  /** Whether bytes follow the last newline: a write that was cut. */
  torn: boolean
}

/** No import of Node here: the reader's browser splits and hashes a journal with this too. */
export function splitLines(bytes: Uint8Array): Lines {
  const lines: Uint8Array[] = []
  let start = 0
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, end + 1))
    start = end + 1
  }
  return { lines, torn: start < bytes.length }
}
