//! x
#![allow(missing_docs,clippy::all)]
use memtrap::{promotion::{self,Promotion},*};
use std::{arch::asm,time::Instant};
struct C(u64);
impl Device for C {
    fn read(&mut self, _a: Access, _c: &mut Context<'_>) -> Result<u64, BusError> { self.0+=1; Ok(self.0) }
    fn write(&mut self, _a: Access, v: u64, _c: &mut Context<'_>) -> Result<(), BusError> { self.0+=v; Ok(()) }
}
macro_rules! t { ($name:literal, $n:expr, $e:expr) => {{ let n: u32=$n; let mut best=f64::MAX; for _ in 0..30 { let s=Instant::now(); for _ in 0..n { $e } let d=s.elapsed().as_nanos() as f64/n as f64; if d<best {best=d} } println!("{:20} {:.1} ns", $name, best); }} }
fn main(){
    let bus=Bus::new(); 
    let r=bus.map(0x1000,C(0)).unwrap(); let p=r.base();
    let mut ram=[0u64;16]; let q=ram.as_mut_ptr().cast::<u8>();
    Promotion::off().apply();
    t!("trap load",1000, unsafe{ let v:u32; asm!("mov {0:e}, [{1}]", out(reg) v, in(reg) p); std::hint::black_box(v); });
    Promotion::after(3).apply();
    t!("load",20000, unsafe{ let v:u32; asm!("mov {0:e}, [{1}]", out(reg) v, in(reg) p); std::hint::black_box(v); });
    t!("store",20000, unsafe{ asm!("mov [{1}], {0:e}", in(reg) 1, in(reg) p); });
    t!("or",20000, unsafe{ asm!("or dword ptr [{0}], 0", in(reg) p); });
    t!("vmovups ymm store",20000, unsafe{ asm!("vmovups [{0}], ymm1", in(reg) p); });
    t!("movups load",20000, unsafe{ asm!("movups xmm3, [{0}]", in(reg) p, out("xmm3") _); });
    for at in [p,q] { 
      let f=|x:*mut u8| unsafe{ let v:u32; asm!("mov {0:e}, [{1}]", out(reg) v, in(reg) x); std::hint::black_box(v); };
      for _ in 0..10 { f(p) }
      t!("same site load",20000, f(at));
    }
    t!("plain ram",20000, unsafe{ let v:u32; asm!("mov {0:e}, [{1}]", out(reg) v, in(reg) q); std::hint::black_box(v); });
    println!("{:?}",promotion::statistics());
}
