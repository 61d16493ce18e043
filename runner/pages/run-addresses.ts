import type { LoadedKinds } from '../kinds/index.ts'
import type { Acting } from './acting/acting.ts'
/** Addresses of a site's pages. `base` ends with a slash. */
export interface Links {
  runbook(slug: string, step?: string): string
  run(run: string): string
  checklist(run: string): string
  /** A file of a run's evidence, by its path in the run's folder. */
  evidence(run: string, file: string): string
  /** The index of runs, whole or of one group such as `outcome/failed`. */
  runs(group?: string): string
}

export function linksFrom(base: string): Links {
  const run = (id: string): string => `${base}runs/${id.toLowerCase()}/`
  return {
    runbook: (slug, step) => `${base}runbooks/${slug}/${step === undefined ? '' : `#${step}`}`,
    run,
    checklist: (id) => `${run(id)}checklist/`,
    evidence: (id, file) => `${run(id)}evidence/${file}`,
    runs: (group) => `${base}runs/${group === undefined ? '' : `by/${group}/`}`,
  }
}

/** The context of the page of a run, beside the run. */
export interface Around {
  /** Undefined for a document that stands alone, without a site around it. */
  links: Links | undefined
  /** The runbook as it is today; undefined when there is none any more. */
  today: { text: string; sha256: string; anchors: ReadonlySet<string> } | undefined
  kinds: LoadedKinds
  /** The acts that a person has on the run, where it is served; undefined on a published page. */
  acting?: Acting
  /** When the files were checked, RFC 3339: the site's build, or the request. */
  checkedAt: string
}
