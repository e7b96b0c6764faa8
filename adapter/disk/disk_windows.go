package disk

import "golang.org/x/sys/windows"

func look(dir string) (s Space, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return s, err
	}
	return s, windows.GetDiskFreeSpaceEx(name, &s.Free, &s.Size, nil)
}
