/// Tests of the whole engine on devices that fail, fill up, or are used by many threads at once.
package cowfs.faults;
