import { fetchByProxy } from '../../../runner/engine/process/http-proxies.ts'
import { messageOf } from '../../lib/errors.ts'

/** One thing that was looked at. */
export interface Look {
  name: string
  ok: boolean
  detail: string
}

const LIMIT_MS = 10_000

/** The required content of a page: content in each element, by its id, and a title that contains `title`, or any title. */
export interface Expected {
  elements: readonly string[]
  title: string | undefined
}

/** Reads a page's HTML: it answers 200 with HTML, has a title, content in its elements, and assets that are there. */
export async function htmlCheck(url: string, expected: Expected): Promise<Look[]> {
  const page = await get(`${url}/`)
  return [
    answered(page),
    titleLook(titleOf(page.text), expected),
    ...expected.elements.map((id) => contentLook(page.text, id)),
    ...(await assetLooks(page.text, url)),
  ]
}

/** Reads only what no script can change: the answer and its assets. A browser looks at the rest. */
export async function deliveryCheck(url: string): Promise<Look[]> {
  const page = await get(`${url}/`)
  return [answered(page), ...(await assetLooks(page.text, url))]
}

function answered({ status, type }: { status: number; type: string }): Look {
  return look('page', status === 200 && type.includes('text/html'), `${status} ${type}`)
}

function titleOf(html: string): string {
  return /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.trim() ?? ''
}

export function titleLook(title: string, { title: wanted }: Expected): Look {
  const holds = wanted === undefined ? title !== '' : title.includes(wanted)
  return look('title', holds, title === '' ? 'the page has no title' : `"${title}"`)
}

function contentLook(html: string, id: string): Look {
  const content = contentOf(html, id)
  const size = content?.replaceAll(/<[^>]*>|\s+/g, '').length ?? 0
  if (size > 0) return look('content', true, `${size} characters in "${id}"`)
  const rendered = /<script\b/i.test(html) ? '; a script may fill it, which needs a browser to see' : ''
  if (content === undefined) return look('content', false, `no element with id "${id}"${rendered}`)
  return look('content', false, `the element "${id}" is empty${rendered}`)
}

async function assetLooks(html: string, url: string): Promise<Look[]> {
  const looks: Look[] = []
  for (const asset of assetsOf(html, `${url}/`)) {
    const answer = await get(asset)
    looks.push(
      look(
        'asset',
        answer.status === 200 && answer.text !== '',
        `${answer.status} ${new URL(asset).pathname}`,
      ),
    )
  }
  return looks
}

function look(name: string, ok: boolean, detail: string): Look {
  return { name, ok, detail }
}

/** The text after the opening tag of an element; enough to tell a blank page from a full one. */
function contentOf(html: string, wanted: string): string | undefined {
  const open = [...html.matchAll(/<[a-z][^>]*\sid=["']?([^"'\s>]+)[^>]*>/gi)].find(([, id]) => id === wanted)
  if (open === undefined) return undefined
  const rest = html.slice(open.index + open[0].length)
  return rest.split(/<\/body/i)[0]?.replaceAll(/<(script|style)[\s\S]*?<\/\1>/gi, '')
}

/** Addresses of scripts, styles and images on the same host. */
function assetsOf(html: string, base: string): string[] {
  const tags = html.matchAll(
    /<(?:script|img)\b[^>]*?\ssrc=["']?([^"'\s>]+)|<link\b[^>]*?\shref=["']?([^"'\s>]+)/gi,
  )
  const urls = [...tags].flatMap(([, src, href]) => URL.parse(src ?? href ?? '', base)?.href ?? [])
  return [...new Set(urls)].filter((one) => new URL(one).origin === new URL(base).origin)
}

async function get(url: string): Promise<{ status: number; type: string; text: string }> {
  try {
    const response = await fetchByProxy(url, { signal: AbortSignal.timeout(LIMIT_MS) })
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      text: await response.text(),
    }
  } catch (error) {
    return { status: 0, type: messageOf(error), text: '' }
  }
}
