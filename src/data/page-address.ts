const base = import.meta.env.BASE_URL.replace(/\/$/, '')

/** The address of a page below the site's base, such as `href('/runs/')`. */
export function href(path: string): string {
  return `${base}${path}`
}

export function runbookHref(slug: string, step?: string): string {
  return href(`/runbooks/${slug}/${step === undefined ? '' : `#${step}`}`)
}

/** The page of a runbook for frames of other sites. */
export function embedHref(slug: string): string {
  return href(`/embed/runbooks/${slug}/`)
}

export function runHref(run: string): string {
  return href(`/runs/${run.toLowerCase()}/`)
}

/** The address of the Markdown twin of a page, such as `/runbooks/a.md`; the page of an error has none. */
export function twinHref(path: string): string | undefined {
  if (path === href('/404/')) return undefined
  return path === href('/') ? href('/index.md') : `${path.replace(/\/$/, '')}.md`
}
