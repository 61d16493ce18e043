import { readFile } from 'node:fs/promises'

/** Where the flags are true: a file, an address, or a function that returns the text of a document of flagd. */
export type FlagSource = { file: string } | { url: string } | ((signal: AbortSignal) => Promise<string>)

/** Reads a source. @throws when it is not there, or does not answer before the signal */
export async function readSource(source: FlagSource, signal: AbortSignal): Promise<string> {
  if (typeof source === 'function') return await source(signal)
  if ('file' in source) return await readFile(source.file, { encoding: 'utf8', signal })
  const answer = await fetch(source.url, { signal })
  if (!answer.ok) throw new Error(`${new URL(source.url).origin} answered ${answer.status}`)
  return await answer.text()
}
