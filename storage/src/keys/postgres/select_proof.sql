SELECT proof FROM master
