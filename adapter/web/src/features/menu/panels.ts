// What the frame of the app loads once the page is idle.

export { Chef } from "./chef/Chef";
export { Weather } from "./weather/Weather";
