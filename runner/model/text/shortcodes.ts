/** Begins an address that another system looks up by the name of a page, wherever the page lies. */
export const byName = 'page:'

/** `](` with what Hugo fills in as an address: `{{< ref "./other.md" >}}`, `{{% relref "x.png#here" %}}`. */
const hugo =
  /(\]\()(\s*\{\{[<%]\s*(?:rel)?ref\s+(?:"([^"<>()\s]+)"|'([^'<>()\s]+)'|([^"'<>()\s]+))\s*[>%]\}\}\s*)(?=\))/g

/** The same of Jekyll: `{% link _docs/other.md %}#here`, `{{ site.baseurl }}{% post_url 2026-01-01-other %}`. */
const jekyll =
  /(\]\()(\s*(?:\{\{\s*site\.(?:base)?url\s*\}\})?\{%-?\s*(link|post_url)\s+([^\s<>()%]+)\s*-?%\}([?#][^\s<>()]*)?\s*)(?=\))/g

/** An address below the site of Jekyll: `{{ site.baseurl }}/other.html`, `{{ "/other.html#here" | relative_url }}`. */
const below =
  /(\]\()(\s*\{\{\s*(?:site\.(?:base)?url\s*\}\}(\/[^\s<>()]*)|["'](\/[^\s"'<>()]*)["']\s*\|\s*(?:relative|absolute)_url\s*\}\}([?#][^\s<>()]*)?)\s*)(?=\))/g

/**
 * The references of Hugo and Jekyll as the addresses they stand for, so that they are links here too. Every other character
 * keeps its place: what is shorter is filled up with spaces, which an address may have around it.
 */
export function withAddresses(text: string): string {
  if (!/\{\{[<%]|\{%|\{\{\s*(?:site\.|["'])/.test(text)) return text
  return text
    .replaceAll(
      hugo,
      (_, open: string, whole: string, double?: string, single?: string, bare?: string) =>
        open + hugoAddress(double ?? single ?? bare ?? '').padEnd(whole.length),
    )
    .replaceAll(
      jekyll,
      (_, open: string, whole: string, tag: string, name: string, suffix = '') =>
        open +
        (tag === 'link' ? `/${name.replace(/^\/+/, '')}` : `${byName}${name}`)
          .concat(suffix)
          .padEnd(whole.length),
    )
    .replaceAll(
      below,
      (_, open: string, whole: string, bare?: string, quoted?: string, suffix = '') =>
        open + (bare ?? quoted ?? '').concat(suffix).padEnd(whole.length),
    )
}

/** Without a folder it is the name of a page. */
function hugoAddress(name: string): string {
  return /^[^/?#]+([?#]|$)/.test(name) ? byName + name : name
}
