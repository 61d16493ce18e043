import { addCopyButtons } from './copy-buttons.ts'
import { nameIn, plain } from './plain-word.ts'

// Where the site begins, as this server shows it. Each script of a page has its own: one they shared would be a file
// to ask for.
const base = document.querySelector<HTMLAnchorElement>('.brand')?.href ?? '/'

export function startRunbook(): void {
  const form = document.querySelector<HTMLFormElement>('[data-inputs]')
  addCopyButtons()
  offerFollowing()
  document.querySelector('[data-unfold]')?.addEventListener('click', () => unfold('.step details'))
  for (const event of ['load', 'hashchange']) addEventListener(event, openTarget)
  let inputs: Promise<unknown> | undefined
  const load = (): Promise<unknown> =>
    (inputs ??= part('inputs').then(({ takeInputs }) => takeInputs?.(form)))
  form?.addEventListener('focusin', () => void load(), { once: true })
  // A form that acts must say what becomes of it, also when the network is gone at that moment.
  if (form?.hasAttribute('action') || location.href.includes('?') || (form && !fillPlain(form.elements)))
    load().catch(() => document.querySelector('[data-unread]')?.removeAttribute('hidden'))
}

/** A link to a step opens everything that the step folds. */
function openTarget(): void {
  unfold('.step:has(:target) details')
}

function unfold(folds: string): void {
  for (const fold of document.querySelectorAll(folds)) fold.setAttribute('open', '')
}

/** Shows the defaults in the commands. Returns false when one of them needs more than a replacement of its name. */
function fillPlain(fields: HTMLFormControlsCollection): boolean {
  for (const mark of document.querySelectorAll('var')) {
    const text = mark.textContent
    const { value = '', multiple } = (fields.namedItem(nameIn(text)) ?? {}) as Partial<HTMLInputElement>
    if (value === '') continue
    if (!plain.test(value) || multiple) return false
    mark.dataset['as'] = text
    mark.textContent = 'url' in mark.dataset ? encodeURIComponent(value) : value
    mark.classList.add('filled')
  }
  return true
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
  return import(base.concat(name, '.js')) as ReturnType<typeof part>
}
