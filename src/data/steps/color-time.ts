/** No limit of time for colors. Shiki gives a line half a second, and no colors after it: a page would depend on the speed of the machine. */
export const colorTime = { tokenizeTimeLimit: 0 }
