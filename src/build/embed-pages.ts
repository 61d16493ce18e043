/** The pages for frames of other sites, below the site's base. */
export const embedFolder = 'embed/'

/**
 * The page at `path` with its links in windows of their own, but for those to itself and to another page for frames: no other page of
 * the site may be in a frame. Relative addresses lead to what the page outside of frames leads to. `base` is the path of the site.
 */
export function leaveFrame(html: string, path: string, base: string): string {
  const [head = '', ...rest] = html.split('<body')
  const whole = new URL(path.replace(base + embedFolder, base), 'http://site')
  const body = rest
    .join('<body')
    .replaceAll(/(<(?:a|img)\s(?:[^<>]*?\s)?(?:href|src)=")(\.[^"]*)/g, (_, tag: string, href: string) => {
      const { pathname, search, hash } = new URL(href, whole)
      return tag + pathname + search + hash
    })
    .replaceAll(/<a(?=\s(?:[^<>]*?\s)?href="([^"]*)")/g, (tag, href: string) =>
      href.startsWith('#') || href.startsWith(base + embedFolder) ? tag : `${tag} target="_blank"`,
    )
  return rest.length === 0 ? html : `${head}<body${body}`
}
