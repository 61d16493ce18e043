const script = /(<script[\s\S]*?<\/script>)/
const tag = /<[a-z][\w-]*(?:\s+[^\s=>"']+(?:=(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*\s*\/?>/gi
const attribute = /(\s[^\s=>"']+)=(?:"([^"]*)"|'[^']*')/g
const needsQuotes = /^$|[\s"'`=<>]|\/$/

/** End tags that HTML lets one leave out, each before the tags that imply it. */
const implied = [
  /<\/li>\s*(?=<li\b|<\/[uo]l>)/g,
  /<\/d[dt]>\s*(?=<d[dt]\b|<\/dl>|<\/div>)/g,
  /<\/option>\s*(?=<option\b|<\/select>)/g,
  /<\/t[dh]>\s*(?=<t[dh]\b|<\/tr>)/g,
  /<\/p>\s*(?=<(?:p|pre|h\d|[uod]l|div|section|details|table)\b|<\/(?:section|div|article|details)>)/g,
]

/** Spaces that part words for the search alone: no browser shows them. */
const unseen = /(<summary>) | (?=<\/summary>)/g

/** The same page in fewer bytes: no quotes around plain attributes, no end tags that say nothing. */
export function minify(html: string): string {
  return html
    .split(script)
    .map((part, at) => (at % 2 === 1 ? part : shortened(part)))
    .join('')
}

function shortened(markup: string): string {
  return implied
    .reduce((text, end) => text.replaceAll(end, ''), markup)
    .replaceAll(unseen, '$1')
    .replaceAll(tag, (whole) => whole.replaceAll(attribute, unquoted))
}

function unquoted(whole: string, name: string, value: string | undefined): string {
  return value === undefined || needsQuotes.test(value) ? whole : `${name}=${value}`
}
