// Following by hand: ticks and notes stay in this browser, by the id of the step they belong to. Loaded when somebody
// begins to; written to `hand.js` at the root of the site.
import './hand.css'
import { addStyle } from './add-style.ts'

interface Kept {
  ticks: Record<string, string>
  notes: Record<string, string>
}

const article = document.querySelector<HTMLElement>('[data-runbook]')
const key = `runbook:${article?.dataset['runbook']}`
const steps = [...document.querySelectorAll<HTMLElement>('.step')]
const template = document.createElement('template')
template.innerHTML = `
<div class="tools">
  <label for="by-hand">By hand</label>
  <progress id="by-hand" max="${steps.length}" value="0"></progress>
  <span data-progress></span>
  <button type="button" data-export>Save as text</button>
  <button type="button" data-reset>Reset</button>
  <span class="muted">Ticks and notes stay in this browser.</span>
</div>
<div class="hand">
  <label><input type="checkbox"> Done by hand</label>
  <details>
    <summary>Note</summary>
    <textarea rows="2"></textarea>
  </details>
</div>
<span class="progress" data-progress></span>`
let kept = read()

addStyle('hand')

function read(): Kept {
  try {
    return { ticks: {}, notes: {}, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Kept>) }
  } catch {
    return { ticks: {}, notes: {} }
  }
}

function save(): void {
  try {
    localStorage.setItem(key, JSON.stringify(kept))
  } catch {
    // A browser that keeps nothing still ticks for as long as the page is open.
  }
  show()
}

function followByHand(): void {
  const [bar, row, count] = template.content.children
  if (!bar || !row || !count) return
  document.querySelector('.contents summary')?.append(count)
  document.querySelector('[data-follow]')?.replaceWith(bar)
  for (const step of steps) addControls(step, row)
  for (const box of tasks()) {
    box.disabled = false
    box.addEventListener('change', () => tick(taskKey(box), box.checked))
  }
  document.querySelector('[data-reset]')?.addEventListener('click', reset)
  document.querySelector('[data-export]')?.addEventListener('click', download)
  addEventListener('storage', (event) => {
    if (event.key !== key) return
    kept = read()
    show()
  })
  // From now on this page begins with them.
  save()
}

function addControls(step: HTMLElement, source: Element): void {
  const id = idOf(step)
  const row = source.cloneNode(true) as HTMLElement
  const box = row.querySelector<HTMLInputElement>('input')
  const note = row.querySelector('textarea')
  const title = step.querySelector('h2,h3')?.textContent ?? id
  box?.setAttribute('aria-label', `Done by hand: ${title}`)
  note?.setAttribute('aria-label', `Note on: ${title}`)
  box?.addEventListener('change', () => tick(id, box.checked))
  note?.addEventListener('change', () => {
    if (note.value === '') delete kept.notes[id]
    else kept.notes[id] = note.value
    save()
  })
  step.append(row)
}

/** A step is known by its heading's id. */
function idOf(step: HTMLElement): string {
  return step.querySelector(':scope > :is(h2, h3)')?.id ?? ''
}

function tasks(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('.step .task-list-item input')]
}

function taskKey(box: HTMLInputElement): string {
  const step = box.closest<HTMLElement>('.step')
  const boxes = [...(step?.querySelectorAll('.task-list-item input') ?? [])]
  return `${step && idOf(step)}/${boxes.indexOf(box) + 1}`
}

function tick(id: string, done: boolean): void {
  if (done) kept.ticks[id] = new Date().toISOString()
  else delete kept.ticks[id]
  save()
}

function show(): void {
  let done = 0
  for (const step of steps) {
    const id = idOf(step)
    const ticked = id in kept.ticks
    done += Number(ticked)
    step.classList.toggle('ticked', ticked)
    document.querySelector(`.contents a[href="#${id}"]`)?.parentElement?.classList.toggle('ticked', ticked)
    const box = step.querySelector<HTMLInputElement>('.hand input')
    const note = step.querySelector('textarea')
    if (box) box.checked = ticked
    if (note) note.value = kept.notes[id] ?? ''
    step.querySelector('.hand details')?.toggleAttribute('open', id in kept.notes)
  }
  for (const box of tasks()) box.checked = taskKey(box) in kept.ticks
  for (const place of document.querySelectorAll('[data-progress]'))
    place.textContent = `${done} of ${steps.length} done`
  const bar = document.querySelector<HTMLProgressElement>('.tools progress')
  if (bar) bar.value = done
}

function reset(): void {
  if (!confirm('Forget all ticks and notes of this page in this browser?')) return
  kept = { ticks: {}, notes: {} }
  save()
  localStorage.removeItem(key)
}

function download(): void {
  const lines = steps.flatMap((step) => {
    const id = idOf(step)
    const note = kept.notes[id]
    return [
      `[${id in kept.ticks ? 'x' : ' '}] ${step.querySelector('h2,h3')?.textContent} (${id}) ${kept.ticks[id] ?? ''}`.trimEnd(),
      ...(note ? [`    ${note.replaceAll('\n', '\n    ')}`] : []),
    ]
  })
  const link = document.createElement('a')
  const text = [document.title, location.href, new Date().toISOString(), '', ...lines, ''].join('\n')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = `${key.replaceAll(/[^a-z0-9-]+/g, '-')}.txt`
  link.click()
}

followByHand()

export type { Kept }
