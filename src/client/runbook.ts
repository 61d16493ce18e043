import { addCopyButtons } from './copy.ts'
import { fill, shellWord, valueOf } from './fill.ts'

export function startRunbook(): void {
  const form = document.querySelector<HTMLFormElement>('[data-inputs]')
  addCopyButtons()
  offerFollowing()
  let inputs: Promise<unknown> | undefined
  const load = (): Promise<unknown> =>
    (inputs ??= part('inputs').then(({ takeInputs }) => takeInputs?.(form, { fill, shellWord, valueOf })))
  form?.addEventListener('focusin', () => void load(), { once: true })
  if (!location.href.includes('?')) {
    if (form) fill(form)
  } else load().catch(() => document.querySelector('[data-unread]')?.removeAttribute('hidden'))
}

/** The script for ticks and notes comes when they are wanted, or were used here before. */
function offerFollowing(): void {
  const article = document.querySelector<HTMLElement>('[data-runbook]')
  const follow = (): void => void part('hand')
  document.querySelector('[data-follow]')?.addEventListener('click', follow, { once: true })
  try {
    if (localStorage.getItem(`runbook:${article?.dataset['runbook']}`)) follow()
  } catch {
    // A browser that keeps nothing has nothing to begin with.
  }
}

/** A computed address keeps the bundler from wrapping the import in code that an inline script does not have. */
function part(name: string): Promise<Record<string, (...args: unknown[]) => void>> {
  const { base = '/' } = document.documentElement.dataset
  return import(base.concat(name, '.js')) as ReturnType<typeof part>
}
