/** Gives every command a button that copies it as it is shown. */
export function addCopyButtons(): void {
  for (const block of document.querySelectorAll('pre.code')) {
    const holder = block.closest('.command') ?? document.createElement('div')
    if (!holder.className) {
      holder.className = 'command'
      block.before(holder)
      holder.append(block)
    }
    const button = document.createElement('button')
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', () => void copy(block, button))
    holder.prepend(button)
  }
}

/** Plain http pages have no clipboard; there the old way still works. */
async function copy(block: Element, button: HTMLElement): Promise<void> {
  const code = block.querySelector('code') ?? block
  try {
    await navigator.clipboard.writeText(code.textContent)
    button.textContent = 'Copied'
  } catch {
    getSelection()?.selectAllChildren(code)
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Select and copy'
  }
  setTimeout(() => (button.textContent = 'Copy'), 2000)
}
