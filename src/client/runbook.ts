import { addCopyButtons } from './copy.ts'
import { fill } from './fill.ts'
import { followByHand } from './hand.ts'
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
  followByHand()
  fill(fields)
  form?.addEventListener('input', (event) => {
    if (event.target instanceof HTMLSelectElement) event.target.setCustomValidity('')
    fill(fields)
    putIntoAddress(fields)
  })
  form?.addEventListener('submit', (event) => event.preventDefault())
}
