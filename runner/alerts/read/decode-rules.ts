import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'

/** Text of bytes in UTF-8 or, where a byte order mark says so, UTF-16. The mark is not part of the text. */
export function decode(bytes: Uint8Array): Outcome<string> {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return success(new TextDecoder('utf-16le').decode(bytes))
  if (first === 0xfe && second === 0xff) return success(new TextDecoder('utf-16be').decode(bytes))
  const text = new TextDecoder().decode(bytes)
  if (text.slice(0, 4096).includes('\0')) return failure('The file is not text')
  return success(text)
}
