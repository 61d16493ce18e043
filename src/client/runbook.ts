import { addCopyButtons } from './copy.ts'
import { fill } from './fill.ts'
import { fieldsOf, putIntoAddress, takeFromAddress } from './values.ts'

export function startRunbook(): void {
  const form = document.querySelector<HTMLFormElement>('[data-inputs]')
  const fields = form ? fieldsOf(form) : []
  const secrets = form?.dataset['secrets']?.split(' ') ?? []

  const leaked = takeFromAddress(fields, secrets)
  if (leaked !== undefined && form) {
    const note = document.createElement('p')
    note.className = 'note'
    note.setAttribute('role', 'alert')
    note.textContent = `The link carried the secret ${leaked}. It was taken out of the address; treat it as known to others.`
    form.before(note)
  }
  addCopyButtons()
  offerFollowing()
  fill(fields)
  form?.addEventListener('input', (event) => {
    if (event.target instanceof HTMLSelectElement) event.target.setCustomValidity('')
    fill(fields)
    putIntoAddress(fields)
  })
  form?.addEventListener('submit', (event) => event.preventDefault())
}

/** The script for ticks and notes comes when they are wanted, or were used here before. */
function offerFollowing(): void {
  const button = document.querySelector('[data-follow]')
  if (!button) return
  const { base } = document.documentElement.dataset
  const follow = (): void => void import(new URL(`${base}hand.js`, location.href).href)
  button.addEventListener('click', follow, { once: true })
  const slug = document.querySelector<HTMLElement>('[data-runbook]')?.dataset['runbook']
  if (has(`runbook:${slug}`)) follow()
}

function has(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null
  } catch {
    return false
  }
}
