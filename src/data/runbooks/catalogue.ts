import { inOrder } from '../in-order.ts'
import { runbookPages } from './runbook-pages.ts'
import type { Page } from './runbook-pages.ts'

/** Everything in the content folder, by title. */
export async function catalogue(): Promise<Page[]> {
  return (await runbookPages()).toSorted((a, b) => inOrder(a.title, b.title))
}

/** `PostgresLockQueueLong` as people type it: `Postgres Lock Queue Long`. */
export function wordsOf(alert: string): string {
  return alert.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3 $2$4').replaceAll(/[_.:-]+/g, ' ')
}

/** The name of a file as people type it, whole and in words: `KubePodCrash.md` is `KubePodCrash Kube Pod Crash`. */
export function fileWords(file: string): string {
  const name = (file.split('/').at(-1) ?? file).replace(/\.mdx?$/i, '')
  const words = wordsOf(name)
  return words === name ? name : `${name} ${words}`
}
