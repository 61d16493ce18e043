import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { HttpRequest } from '../kind.ts'

/** Headers that follow from the address and the body; written by hand they are ignored or break the request. */
const ownHeaders =
  /^(host|content-length|connection|transfer-encoding|expect|keep-alive|upgrade|te|trailer|proxy-connection)$/

const method = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+(\S+)$/

/**
 * Reads an `http` fence: a line `METHOD URL`, header lines, an empty line, a body (RFC 9112 without the version).
 */
export function parseRequest(text: string): Outcome<Omit<HttpRequest, 'timeoutMs'>> {
  const lines = text.split(/\r?\n/)
  const start = method.exec(lines[0]?.trim() ?? '')
  if (!start)
    return failure(
      `Unexpected first line \`${lines[0] ?? ''}\`, expected a method and an address such as \`GET http://127.0.0.1/health\``,
    )
  const url = start[2] ?? ''
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    return failure(`Unexpected address \`${url}\`, expected http:// or https://`)
  if (new URL(url).username !== '' || new URL(url).password !== '')
    return failure('Unexpected name or password in the address, expected them in an `Authorization` header')
  const end = lines.findIndex((line, index) => index > 0 && line.trim() === '')
  const headers: Record<string, string> = {}
  for (const line of lines.slice(1, end === -1 ? undefined : end)) {
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(line)
    if (!header) return failure(`Unexpected header line \`${line}\`, expected \`Name: value\``)
    const [, rawName = '', value = ''] = header
    const name = rawName.toLowerCase()
    const problem =
      headerProblem(name, value) ?? (Object.hasOwn(headers, name) ? 'expected it once' : undefined)
    if (problem !== undefined) return failure(`Unexpected header \`${rawName}\`, ${problem}`)
    headers[name] = value
  }
  const body = end === -1 ? undefined : lines.slice(end + 1).join('\n')
  const bodiless = /^(GET|HEAD)$/.test(start[1] ?? '')
  if (bodiless && body?.trim()) return failure(`Unexpected body of a ${start[1]} request, expected none`)
  return success({ method: start[1] ?? 'GET', url, headers, ...(body && !bodiless ? { body } : {}) })
}

function headerProblem(name: string, value: string): string | undefined {
  if (ownHeaders.test(name)) return 'which is made from the address and the body: leave it out'
  return /[^\t\x20-\x7e\x80-\xff]/.test(value) ? 'whose value holds what no header can: encode it' : undefined
}
