/** Gives every command a button that copies it as it is shown. */
export function addCopyButtons(): void {
  for (const block of document.querySelectorAll('pre.code')) {
    const button = document.createElement('button')
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', () => void copy(block, button))
    const frame = document.createElement('div')
    frame.className = 'copyable'
    block.replaceWith(frame)
    frame.append(block, button)
  }
}

/** Plain http pages have no clipboard; there the old way still works. */
async function copy(block: Element, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(block.textContent)
    button.textContent = 'Copied'
  } catch {
    getSelection()?.selectAllChildren(block)
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Select and copy'
  }
  setTimeout(() => (button.textContent = 'Copy'), 2000)
}
