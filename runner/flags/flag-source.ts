import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { proxyOptions } from '../engine/process/http-proxies.ts'

/** Where the flags are true: a file, an address, or a function that returns the text of a document of flagd. */
export type FlagSource = { file: string } | { url: string } | ((signal: AbortSignal) => Promise<string>)

/** Reads a source. @throws when it is not there, or does not answer before the signal */
export async function readSource(source: FlagSource, signal: AbortSignal): Promise<string> {
  if (typeof source === 'function') return await source(signal)
  if ('file' in source) return await readFile(source.file, { encoding: 'utf8', signal })
  return await readAddress(source.url, signal)
}

const mostRedirects = 5

async function readAddress(address: string, signal: AbortSignal): Promise<string> {
  let url = new URL(address)
  for (let left = mostRedirects; ; left--) {
    const answer = await ask(url, signal)
    const { statusCode = 0, headers } = answer
    if (statusCode >= 200 && statusCode < 300) return await text(answer)
    answer.resume()
    const isMoved = statusCode >= 300 && statusCode < 400 && headers.location !== undefined && left > 0
    if (!isMoved) throw new Error(`${url.origin} answered ${statusCode}`)
    url = new URL(headers.location ?? '', url)
  }
}

/** Not by `fetch`, whose proxies are those of the whole process, which is somebody else's program. */
function ask(url: URL, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { Agent, get } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    get(url, { agent: new Agent(proxyOptions()), signal }, resolve).once('error', reject)
  })
}
