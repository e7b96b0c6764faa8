// What the frame of the app loads once the page is quiet.

export { Chef } from "./Chef";
export { Weather } from "./Weather";
