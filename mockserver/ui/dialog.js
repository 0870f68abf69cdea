// A dialog: the browser keeps the focus in it and gives it back.
import { html, useEffect, useRef } from "./html.js";
import { icon } from "./icons.js";

/** @param {{name: string, close: () => void, look?: string, children?: unknown}} props */
export function Dialog({ name, close, look = "", children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = box.current;
    return () => dialog?.close();
  }, []);
  // Not only at first: closed and asked for again in one frame, it was never away.
  useEffect(() => {
    const dialog = box.current;
    if (!dialog || dialog.open) return;
    dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector("[data-first]"))?.focus();
  });
  const outside = (event) => {
    if (event.target === box.current) close();
  };
  return html`<dialog ref=${box} class=${look} aria-label=${name} onClose=${() => box.current && close()} onMouseDown=${outside}>
    <div class="dialog-body"><header class="dialog-head"><h2>${name}</h2><button type="button" class="close" aria-label="Close" onClick=${close}>${icon("close")}</button></header>${children}</div></dialog>`;
}
