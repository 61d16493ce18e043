/** Leaves in the list of runs only those that were asked for; the choice is kept in the address. */
export function filterRuns(): void {
  const form = document.querySelector<HTMLFormElement>('[data-filter-runs]')
  if (!form) return
  const selects = [...form.querySelectorAll('select')]
  const asked = new URLSearchParams(location.search)
  for (const select of selects) select.value = asked.get(select.name) ?? ''
  const update = (): void => {
    const chosen = selects.filter(({ value }) => value !== '')
    let shown = 0
    for (const item of document.querySelectorAll<HTMLElement>('.runs > li')) {
      item.hidden = !chosen.every(({ name, value }) => valuesOf(item, name).includes(value))
      shown += Number(!item.hidden)
    }
    const query = new URLSearchParams(chosen.map(({ name, value }) => [name, value])).toString()
    history.replaceState(null, '', query === '' ? location.pathname : `?${query}`)
    const status = form.querySelector('[role=status]')
    // A module that two scripts share is a file of its own, and one more request of each page.
    if (status) status.textContent = shown === 1 ? '1 run' : `${shown} runs`
  }
  form.addEventListener('change', update)
  update()
}

/** Several people have a hand in a run. */
function valuesOf({ dataset }: HTMLElement, name: string): string[] {
  const value = dataset[name] ?? ''
  return name === 'person' && value !== '' ? (JSON.parse(value) as string[]) : [value]
}
