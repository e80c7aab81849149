/** Makes an element of a drawing a button for mouse and keyboard. */
export const buttonProps = (label: string, isSelected: boolean, onPress: () => void) => ({
  role: "button" as const,
  tabindex: 0,
  "aria-label": label,
  "aria-pressed": isSelected,
  onClick: onPress,
  onKeyDown: (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onPress();
  },
});
