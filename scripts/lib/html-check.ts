import { messageOf } from './failure.ts'

/** One thing that was looked at. */
export interface Look {
  name: string
  ok: boolean
  detail: string
}

const LIMIT_MS = 10_000

/** Reads a page's HTML: it answers 200 with HTML, has a title, content in its root element, and assets that are there. */
export async function htmlCheck(url: string, root: string, title: string | undefined): Promise<Look[]> {
  const page = await get(`${url}/`)
  const looks = [
    look('page', page.status === 200 && page.type.includes('text/html'), `${page.status} ${page.type}`),
  ]
  const found = /<title[^>]*>([^<]*)<\/title>/i.exec(page.text)?.[1]?.trim() ?? ''
  const wanted = title === undefined ? found !== '' : found.includes(title)
  looks.push(look('title', wanted, found === '' ? 'there is none' : `"${found}"`))
  const content = rootContent(page.text, root)
  const size = content?.replaceAll(/<[^>]*>|\s+/g, '').length ?? 0
  const empty = content === undefined ? `no element with id "${root}"` : `the element "${root}" is empty`
  looks.push(look('content', size > 0, size > 0 ? `${size} characters in "${root}"` : empty))
  for (const asset of assetsOf(page.text, `${url}/`)) {
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

/** What stands after the opening tag of the root element; enough to tell a blank page from a full one. */
function rootContent(html: string, root: string): string | undefined {
  const open = [...html.matchAll(/<[a-z][^>]*\sid=["']?([^"'\s>]+)[^>]*>/gi)].find(([, id]) => id === root)
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
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) })
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      text: await response.text(),
    }
  } catch (error) {
    return { status: 0, type: messageOf(error), text: '' }
  }
}
