import type { HttpRequest } from '../kind.ts'

const method = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+(\S+)$/

/**
 * Reads an `http` fence: a line `METHOD URL`, header lines, an empty line, a body (RFC 9112 without the version).
 * Returns what is wrong as text.
 */
export function parseRequest(text: string): Omit<HttpRequest, 'timeoutMs'> | string {
  const lines = text.split(/\r?\n/)
  const start = method.exec(lines[0]?.trim() ?? '')
  if (!start)
    return `Unexpected first line \`${lines[0] ?? ''}\`, expected a method and an address such as \`GET http://127.0.0.1/health\``
  const url = start[2] ?? ''
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    return `Unexpected address \`${url}\`, expected http:// or https://`
  const end = lines.findIndex((line, index) => index > 0 && line.trim() === '')
  const headers: Record<string, string> = {}
  for (const line of lines.slice(1, end === -1 ? undefined : end)) {
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(line)
    if (!header) return `Unexpected header line \`${line}\`, expected \`Name: value\``
    headers[(header[1] ?? '').toLowerCase()] = header[2] ?? ''
  }
  const body = end === -1 ? undefined : lines.slice(end + 1).join('\n')
  return { method: start[1] ?? 'GET', url, headers, ...(body ? { body } : {}) }
}
