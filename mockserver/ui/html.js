// The one place where the page meets its libraries; everything else imports from here.
import { Component, h, render } from "./vendor/preact.mjs";
import htm from "./vendor/htm.mjs";

export { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/hooks.mjs";
export { Component, render };

export const html = htm.bind(h);
