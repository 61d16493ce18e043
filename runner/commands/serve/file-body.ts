import { constants, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { ReadableStream } from 'node:stream/web'

/** A file of any length as it was when it was asked for: read in pieces, once somebody reads it. */
export interface FileBody {
  /** In bytes; what is written to the file later is not sent. */
  size: number
  /** Changes with the file. */
  version: string
  stream(): ReadableStream
}

export function fileBody(file: string): FileBody {
  const { size, mtimeNs } = statSync(file, { bigint: true })
  return {
    size: Number(size),
    version: `${size} ${mtimeNs}`,
    stream: () => ReadableStream.from(pieces(file, Number(size))),
  }
}

async function* pieces(file: string, size: number): AsyncGenerator<Uint8Array> {
  if (size === 0) return
  const { O_RDONLY, O_NOFOLLOW } = constants
  await using handle = await open(file, O_RDONLY | (O_NOFOLLOW ?? 0))
  yield* handle.createReadStream({ end: size - 1, autoClose: false })
}
